CREATE TABLE "board_changes" (
	"id" serial PRIMARY KEY NOT NULL,
	"protocol" text NOT NULL,
	"arch" text NOT NULL,
	"regs" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "board_documents" (
	"protocol" text NOT NULL,
	"kind" text NOT NULL,
	"version" integer NOT NULL,
	"document" text NOT NULL,
	CONSTRAINT "board_documents_protocol_kind_pk" PRIMARY KEY("protocol","kind")
);
--> statement-breakpoint
CREATE TABLE "board_ranks" (
	"protocol" text NOT NULL,
	"edition" text NOT NULL,
	"column" text NOT NULL,
	"ranks" "bytea" NOT NULL,
	CONSTRAINT "board_ranks_protocol_edition_column_pk" PRIMARY KEY("protocol","edition","column")
);
--> statement-breakpoint
CREATE TABLE "boards" (
	"protocol" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"log_size" bigint NOT NULL,
	"entries" integer NOT NULL,
	"counts" text NOT NULL,
	"edition" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "challenges" (
	"id" text PRIMARY KEY NOT NULL,
	"leaf" bigint NOT NULL,
	"key" text NOT NULL,
	"protocol" text NOT NULL,
	"arch" text NOT NULL,
	"regs" text NOT NULL,
	"reproduces" text,
	"expires_at" timestamp with time zone NOT NULL,
	"outcome" text,
	"outcome_leaf" bigint
);
--> statement-breakpoint
CREATE TABLE "entries" (
	"id" text PRIMARY KEY NOT NULL,
	"number" integer NOT NULL,
	"leaf" bigint NOT NULL,
	"key" text NOT NULL,
	"protocol" text NOT NULL,
	"arch" text NOT NULL,
	"regs" text NOT NULL,
	"device" text NOT NULL,
	"challenge" text,
	"supersedes" text,
	"params" bigint NOT NULL,
	"seconds" double precision,
	"received_at" timestamp with time zone NOT NULL,
	"runs" integer NOT NULL,
	"learned_complexity_mean" double precision,
	"learned_complexity_variance" double precision,
	"gap_mean" double precision,
	"gap_variance" double precision,
	"test_accuracy_mean" double precision,
	"test_accuracy_variance" double precision,
	"train_accuracy_mean" double precision,
	"train_accuracy_variance" double precision,
	"bits_mean" double precision,
	"bits_variance" double precision,
	"effective_rank_mean" double precision,
	"effective_rank_variance" double precision,
	"capacity_mean" double precision,
	"capacity_variance" double precision,
	"equivalent_width_mean" double precision,
	"equivalent_width_variance" double precision,
	"fixed" text NOT NULL,
	"measured" text NOT NULL,
	"state" text NOT NULL,
	"standing" text NOT NULL,
	"operator_notes" text NOT NULL,
	"representative" integer
);
--> statement-breakpoint
CREATE TABLE "key_names" (
	"key" text PRIMARY KEY NOT NULL,
	"name" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "keys" (
	"key" text PRIMARY KEY NOT NULL,
	"registered_at" timestamp with time zone NOT NULL,
	"revoked_from" timestamp with time zone,
	"next" text,
	"holder" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "leaves" (
	"index" bigint PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"digest" text NOT NULL,
	"body" "bytea" NOT NULL,
	"checkpoint" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "leaves_digest_unique" UNIQUE("digest")
);
--> statement-breakpoint
CREATE TABLE "log_nodes" (
	"level" smallint NOT NULL,
	"index" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "log_nodes_level_index_pk" PRIMARY KEY("level","index")
);
--> statement-breakpoint
CREATE TABLE "moderations" (
	"id" text PRIMARY KEY NOT NULL,
	"leaf" bigint NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"entry" text,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quotas" (
	"subject" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"used" integer NOT NULL,
	CONSTRAINT "quotas_subject_starts_at_pk" PRIMARY KEY("subject","starts_at")
);
--> statement-breakpoint
CREATE TABLE "reproductions" (
	"id" text PRIMARY KEY NOT NULL,
	"leaf" bigint NOT NULL,
	"entry" text NOT NULL,
	"key" text NOT NULL,
	"challenge" text NOT NULL,
	"verdict" text NOT NULL,
	"numbers" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "retractions" (
	"id" text PRIMARY KEY NOT NULL,
	"leaf" bigint NOT NULL,
	"statement" text NOT NULL,
	"entry" text NOT NULL,
	"key" text NOT NULL,
	"reason" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	CONSTRAINT "retractions_statement_unique" UNIQUE("statement")
);
--> statement-breakpoint
CREATE TABLE "run_counts" (
	"digest" text NOT NULL,
	"statement" text NOT NULL,
	"protocol" text NOT NULL,
	"arch" text NOT NULL,
	"regs" text NOT NULL,
	"seed" bigint NOT NULL,
	"leaf" bigint NOT NULL,
	"challenged" boolean NOT NULL,
	"stands" boolean NOT NULL,
	"contested" boolean NOT NULL,
	CONSTRAINT "run_counts_digest_statement_pk" PRIMARY KEY("digest","statement")
);
--> statement-breakpoint
CREATE INDEX "challenges_by_configuration" ON "challenges" USING btree ("protocol","arch","regs");--> statement-breakpoint
CREATE INDEX "challenges_by_key" ON "challenges" USING btree ("key","outcome");--> statement-breakpoint
CREATE INDEX "challenges_by_expiry" ON "challenges" USING btree ("outcome","expires_at");--> statement-breakpoint
CREATE INDEX "challenges_by_leaf" ON "challenges" USING btree ("leaf");--> statement-breakpoint
CREATE UNIQUE INDEX "entries_by_number" ON "entries" USING btree ("protocol","number");--> statement-breakpoint
CREATE INDEX "entries_by_configuration" ON "entries" USING btree ("protocol","arch","regs");--> statement-breakpoint
CREATE INDEX "entries_by_key" ON "entries" USING btree ("key","protocol","arch","leaf");--> statement-breakpoint
CREATE INDEX "entries_uncounted" ON "entries" USING btree ("protocol","number") WHERE "entries"."representative" is distinct from "entries"."number";--> statement-breakpoint
CREATE INDEX "entries_by_learnedcomplexity" ON "entries" USING btree ("protocol","learned_complexity_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_gap" ON "entries" USING btree ("protocol","gap_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_testaccuracy" ON "entries" USING btree ("protocol","test_accuracy_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_trainaccuracy" ON "entries" USING btree ("protocol","train_accuracy_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_bits" ON "entries" USING btree ("protocol","bits_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_effectiverank" ON "entries" USING btree ("protocol","effective_rank_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_capacity" ON "entries" USING btree ("protocol","capacity_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_equivalentwidth" ON "entries" USING btree ("protocol","equivalent_width_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_params" ON "entries" USING btree ("protocol","params","id");--> statement-breakpoint
CREATE INDEX "entries_by_seconds" ON "entries" USING btree ("protocol","seconds","id");--> statement-breakpoint
CREATE INDEX "entries_by_receivedat" ON "entries" USING btree ("protocol","received_at","id");--> statement-breakpoint
CREATE INDEX "keys_by_holder" ON "keys" USING btree ("holder");--> statement-breakpoint
CREATE INDEX "leaves_by_kind" ON "leaves" USING btree ("kind","index");--> statement-breakpoint
CREATE INDEX "moderations_by_subject" ON "moderations" USING btree ("subject");--> statement-breakpoint
CREATE INDEX "moderations_by_entry" ON "moderations" USING btree ("entry","leaf");--> statement-breakpoint
CREATE INDEX "quotas_by_start" ON "quotas" USING btree ("starts_at");--> statement-breakpoint
CREATE INDEX "reproductions_by_entry" ON "reproductions" USING btree ("entry","leaf");--> statement-breakpoint
CREATE INDEX "reproductions_by_key" ON "reproductions" USING btree ("key");--> statement-breakpoint
CREATE INDEX "retractions_by_entry" ON "retractions" USING btree ("entry","leaf");--> statement-breakpoint
CREATE INDEX "run_counts_by_statement" ON "run_counts" USING btree ("statement");--> statement-breakpoint
CREATE INDEX "run_counts_contested" ON "run_counts" USING btree ("protocol","arch","regs") WHERE "run_counts"."contested";--> statement-breakpoint
CREATE INDEX "run_counts_first" ON "run_counts" USING btree ("digest","leaf") WHERE "run_counts"."contested" and "run_counts"."stands";--> statement-breakpoint
CREATE INDEX "run_counts_first_challenged" ON "run_counts" USING btree ("digest","leaf") WHERE "run_counts"."contested" and "run_counts"."stands" and "run_counts"."challenged";