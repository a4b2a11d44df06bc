DROP INDEX "run_counts_first";--> statement-breakpoint
DROP INDEX "run_counts_first_challenged";--> statement-breakpoint
CREATE INDEX "run_counts_first" ON "run_counts" USING btree ("digest",(strpos("arch", 'custom:') > 0 or strpos("regs", 'custom:') > 0),"leaf") WHERE "run_counts"."contested" and "run_counts"."stands";--> statement-breakpoint
CREATE INDEX "run_counts_first_challenged" ON "run_counts" USING btree ("digest",(strpos("arch", 'custom:') > 0 or strpos("regs", 'custom:') > 0),"leaf") WHERE "run_counts"."contested" and "run_counts"."stands" and "run_counts"."challenged";