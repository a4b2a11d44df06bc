DROP INDEX "entries_hidden";--> statement-breakpoint
ALTER TABLE "entries" ADD COLUMN "representative" integer;--> statement-breakpoint
CREATE INDEX "entries_uncounted" ON "entries" USING btree ("protocol","number") WHERE "entries"."representative" is distinct from "entries"."number";--> statement-breakpoint
-- which entry stands for its configuration is told by the refresh: every row waits for one
INSERT INTO "board_changes" ("protocol", "arch", "regs")
SELECT DISTINCT "protocol", "arch", "regs" FROM "entries";
