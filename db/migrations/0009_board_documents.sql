CREATE TABLE "board_documents" (
	"protocol" text NOT NULL,
	"kind" text NOT NULL,
	"version" integer NOT NULL,
	"document" text NOT NULL,
	CONSTRAINT "board_documents_protocol_kind_pk" PRIMARY KEY("protocol","kind")
);
