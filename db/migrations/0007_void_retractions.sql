DROP INDEX "reproductions_by_entry";--> statement-breakpoint
ALTER TABLE "moderations" ADD COLUMN "entry" text;--> statement-breakpoint
ALTER TABLE "retractions" ADD COLUMN "entry" text;--> statement-breakpoint
ALTER TABLE "retractions" ADD COLUMN "key" text;--> statement-breakpoint
ALTER TABLE "retractions" ADD COLUMN "received_at" timestamp with time zone;--> statement-breakpoint
-- so far an operator decided about entries and protocols alone
UPDATE "moderations" SET "entry" = "subject"
WHERE "action" <> 'erase-name' AND EXISTS (SELECT FROM "entries" WHERE "entries"."id" = "moderations"."subject");--> statement-breakpoint
-- who signed a retraction stands in its leaf's envelope
UPDATE "retractions" SET
	"entry" = coalesce((SELECT "reproductions"."entry" FROM "reproductions" WHERE "reproductions"."id" = "retractions"."statement"), "retractions"."statement"),
	"key" = convert_from(decode(convert_from("leaves"."body", 'UTF8')::json->>'payload', 'base64'), 'UTF8')::json->>'key',
	"received_at" = "leaves"."at"
FROM "leaves" WHERE "leaves"."index" = "retractions"."leaf";--> statement-breakpoint
ALTER TABLE "retractions" ALTER COLUMN "entry" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "retractions" ALTER COLUMN "key" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "retractions" ALTER COLUMN "received_at" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "moderations_by_entry" ON "moderations" USING btree ("entry","leaf");--> statement-breakpoint
CREATE INDEX "retractions_by_entry" ON "retractions" USING btree ("entry","leaf");--> statement-breakpoint
CREATE INDEX "reproductions_by_entry" ON "reproductions" USING btree ("entry","leaf");--> statement-breakpoint
ALTER TABLE "reproductions" DROP COLUMN "retracted";--> statement-breakpoint
-- void retractions take nothing back, and what does not stand replaces nothing: rows with either wait for a refresh
INSERT INTO "board_changes" ("protocol", "arch", "regs")
SELECT DISTINCT "protocol", "arch", "regs" FROM "entries"
WHERE "supersedes" IS NOT NULL OR "id" IN (SELECT "entry" FROM "retractions");
