ALTER TABLE "boards" ADD COLUMN "entries" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "boards" ADD COLUMN "counts" text NOT NULL;--> statement-breakpoint
CREATE INDEX "challenges_by_leaf" ON "challenges" USING btree ("leaf");--> statement-breakpoint
CREATE INDEX "entries_by_complexity" ON "entries" USING btree ("protocol","complexity_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_gap" ON "entries" USING btree ("protocol","gap_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_testaccuracy" ON "entries" USING btree ("protocol","test_accuracy_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_trainaccuracy" ON "entries" USING btree ("protocol","train_accuracy_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_bits" ON "entries" USING btree ("protocol","bits_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_effectiverank" ON "entries" USING btree ("protocol","effective_rank_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_refitcomplexity" ON "entries" USING btree ("protocol","refit_complexity_mean","id");--> statement-breakpoint
CREATE INDEX "entries_by_params" ON "entries" USING btree ("protocol","params","id");--> statement-breakpoint
CREATE INDEX "entries_by_seconds" ON "entries" USING btree ("protocol","seconds","id");--> statement-breakpoint
CREATE INDEX "entries_by_receivedat" ON "entries" USING btree ("protocol","received_at","id");--> statement-breakpoint
-- not compressed, so that the twelve bytes of a rank are read without all the others
ALTER TABLE "board_ranks" ALTER COLUMN "ranks" SET STORAGE EXTERNAL;
