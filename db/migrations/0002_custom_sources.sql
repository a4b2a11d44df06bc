CREATE TABLE "custom_sources" (
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"leaf" bigint NOT NULL,
	"digest" text NOT NULL,
	"challenge" text,
	CONSTRAINT "custom_sources_kind_name_leaf_pk" PRIMARY KEY("kind","name","leaf")
);
