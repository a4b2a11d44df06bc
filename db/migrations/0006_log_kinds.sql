CREATE INDEX "leaves_by_kind" ON "leaves" USING btree ("kind","index");--> statement-breakpoint
-- challenges of keys that replaced each other are counted together: the rows that show them wait for a refresh
INSERT INTO "board_changes" ("protocol", "arch", "regs")
SELECT DISTINCT "challenges"."protocol", "challenges"."arch", "challenges"."regs"
FROM "challenges" JOIN "keys" ON "keys"."key" = "challenges"."key"
WHERE "keys"."next" IS NOT NULL OR "keys"."holder" <> "keys"."key";
