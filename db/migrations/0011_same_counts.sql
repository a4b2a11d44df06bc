ALTER TABLE "run_counts" ADD COLUMN "leaf" bigint;--> statement-breakpoint
ALTER TABLE "run_counts" ADD COLUMN "challenged" boolean;--> statement-breakpoint
ALTER TABLE "run_counts" ADD COLUMN "stands" boolean;--> statement-breakpoint
ALTER TABLE "run_counts" ADD COLUMN "contested" boolean;--> statement-breakpoint
-- Of results and reproductions: where each stands in the log, which of its seeds a challenge issued, and whether it was
-- taken back, or is quarantined or void. So far no counts were taken twice, but in a dump of another server's.
UPDATE "run_counts" SET
	"leaf" = "said"."leaf",
	"challenged" = "said"."challenged" AND ("said"."fresh" IS NULL OR "run_counts"."seed" = ANY ("said"."fresh")),
	"stands" = NOT ("said"."void" OR "said"."retracted" OR "said"."quarantined"),
	"contested" = "run_counts"."digest" IN (
		SELECT "digest" FROM "run_counts" GROUP BY "digest"
		HAVING count(DISTINCT ("protocol", "arch", "regs", "seed")) > 1
	)
FROM (
	SELECT "statements".*,
		coalesce("keys"."revoked_from" <= "statements"."received_at" AND "keys"."next" IS NULL, false) AS "void",
		EXISTS (
			SELECT FROM "retractions" JOIN "keys" "signers" ON "signers"."key" = "retractions"."key"
			WHERE "retractions"."statement" = "statements"."id" AND NOT coalesce(
				"signers"."revoked_from" <= "retractions"."received_at" AND "signers"."next" IS NULL, false
			)
		) AS "retracted",
		coalesce((
			SELECT "action" = 'quarantine' FROM "moderations"
			WHERE "subject" = "statements"."id" AND "action" IN ('quarantine', 'unquarantine')
			ORDER BY "leaf" DESC LIMIT 1
		), false) AS "quarantined"
	FROM (
		SELECT "id", "leaf", "key", "received_at", "challenge" IS NOT NULL AS "challenged", NULL::bigint[] AS "fresh"
		FROM "entries"
		UNION ALL
		SELECT "id", "reproductions"."leaf", "key", "received_at", true, ARRAY(
			SELECT ("run"->>'seed')::bigint FROM json_array_elements(
				convert_from(decode(convert_from("body", 'UTF8')::json->>'payload', 'base64'), 'UTF8')::json->'fresh'
			) "run"
		)
		FROM "reproductions" JOIN "leaves" ON "leaves"."index" = "reproductions"."leaf"
	) "statements" JOIN "keys" ON "keys"."key" = "statements"."key"
) "said" WHERE "said"."id" = "run_counts"."statement";--> statement-breakpoint
ALTER TABLE "run_counts" ALTER COLUMN "leaf" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "run_counts" ALTER COLUMN "challenged" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "run_counts" ALTER COLUMN "stands" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "run_counts" ALTER COLUMN "contested" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "run_counts_by_statement" ON "run_counts" USING btree ("statement");--> statement-breakpoint
CREATE INDEX "run_counts_contested" ON "run_counts" USING btree ("protocol","arch","regs") WHERE "run_counts"."contested";--> statement-breakpoint
CREATE INDEX "run_counts_first" ON "run_counts" USING btree ("digest","leaf") WHERE "run_counts"."contested" and "run_counts"."stands";--> statement-breakpoint
CREATE INDEX "run_counts_first_challenged" ON "run_counts" USING btree ("digest","leaf") WHERE "run_counts"."contested" and "run_counts"."stands" and "run_counts"."challenged";--> statement-breakpoint
-- what stands says what disputes it, and whether it weighs; where counts are contested the next refresh tells it anew
UPDATE "entries" SET "standing" = left("standing", -1)
	|| CASE "state" WHEN 'disputed' THEN ',"disputedFor":["disagreement"]' ELSE ',"disputedFor":[]' END
	|| ',"weighs":true}';--> statement-breakpoint
INSERT INTO "board_changes" ("protocol", "arch", "regs")
SELECT DISTINCT "protocol", "arch", "regs" FROM "run_counts" WHERE "contested";
