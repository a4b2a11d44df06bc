DROP INDEX "entries_by_key";--> statement-breakpoint
ALTER TABLE "keys" ADD COLUMN "holder" text;--> statement-breakpoint
-- a key is the first of its holder's when it is nobody's successor
WITH RECURSIVE "chain" ("key", "holder", "next") AS (
	SELECT "key", "key", "next" FROM "keys" "first"
	WHERE NOT EXISTS (SELECT FROM "keys" "earlier" WHERE "earlier"."next" = "first"."key")
	UNION ALL
	SELECT "keys"."key", "chain"."holder", "keys"."next" FROM "keys" JOIN "chain" ON "keys"."key" = "chain"."next"
)
UPDATE "keys" SET "holder" = "chain"."holder" FROM "chain" WHERE "chain"."key" = "keys"."key";--> statement-breakpoint
ALTER TABLE "keys" ALTER COLUMN "holder" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "keys_by_holder" ON "keys" USING btree ("holder");--> statement-breakpoint
CREATE INDEX "quotas_by_start" ON "quotas" USING btree ("starts_at");--> statement-breakpoint
CREATE INDEX "entries_by_key" ON "entries" USING btree ("key","protocol","arch","leaf");
