ALTER TABLE "boards" ADD COLUMN "edition" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "boards" ALTER COLUMN "edition" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "board_ranks" ADD COLUMN "edition" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "board_ranks" ALTER COLUMN "edition" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "board_ranks" DROP CONSTRAINT "board_ranks_protocol_column_pk";--> statement-breakpoint
ALTER TABLE "board_ranks" ADD CONSTRAINT "board_ranks_protocol_edition_column_pk" PRIMARY KEY("protocol","edition","column");--> statement-breakpoint
-- ranks no longer change: they come before a board shows them, and go when it shows others
REVOKE UPDATE ON "board_ranks" FROM "rademark_writer";--> statement-breakpoint
GRANT DELETE ON "board_ranks" TO "rademark_writer";
