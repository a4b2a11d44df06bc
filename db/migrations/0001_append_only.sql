-- The log only grows: refused for everybody, the owner and replication's apply worker included.
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  RAISE EXCEPTION '% of % refused: the log only grows', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "only_grows" BEFORE UPDATE OR DELETE OR TRUNCATE ON "leaves" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "only_grows" BEFORE UPDATE OR DELETE OR TRUNCATE ON "log_nodes" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
ALTER TABLE "leaves" ENABLE ALWAYS TRIGGER "only_grows";
--> statement-breakpoint
ALTER TABLE "log_nodes" ENABLE ALWAYS TRIGGER "only_grows";
--> statement-breakpoint
-- Not compressed, so that the twelve bytes of a rank are read without all the others.
ALTER TABLE "board_ranks" ALTER COLUMN "ranks" SET STORAGE EXTERNAL;
--> statement-breakpoint
-- Roles belong to the whole server, so another database may have made them already, or be making them now.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['rademark_reader', 'rademark_writer'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
    -- From PostgreSQL 16 on, who makes a role may not act as it unless granted so.
    IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
      BEGIN
        EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
      EXCEPTION WHEN insufficient_privilege THEN
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
          RAISE;
        END IF;
      END;
    END IF;
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'rademark_roles: % may neither make the roles rademark_reader and rademark_writer nor act as them', current_user
    USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'rademark_roles';
END
$$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA "drizzle" TO "rademark_reader", "rademark_writer";
--> statement-breakpoint
GRANT SELECT ON "drizzle"."__drizzle_migrations" TO "rademark_reader", "rademark_writer";
--> statement-breakpoint
-- Quotas hold addresses of clients: no reader needs them.
GRANT SELECT ON "leaves", "log_nodes", "keys", "challenges", "entries", "reproductions", "retractions", "moderations", "run_counts", "boards", "board_ranks", "board_documents", "board_changes", "key_names" TO "rademark_reader";
--> statement-breakpoint
GRANT SELECT, INSERT ON "leaves", "log_nodes" TO "rademark_writer";
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "keys", "challenges", "entries", "reproductions", "retractions", "moderations", "run_counts", "boards", "board_documents", "board_changes", "key_names", "quotas" TO "rademark_writer";
--> statement-breakpoint
-- Ranks never change: they come before a board shows them, and go when it shows others.
GRANT SELECT, INSERT, DELETE ON "board_ranks" TO "rademark_writer";
--> statement-breakpoint
GRANT DELETE ON "board_changes", "quotas" TO "rademark_writer";
--> statement-breakpoint
GRANT USAGE ON SEQUENCE "board_changes_id_seq" TO "rademark_writer";
--> statement-breakpoint
-- Tables of later migrations are indexes too, unless those say otherwise.
ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT SELECT ON TABLES TO "rademark_reader";
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT SELECT, INSERT, UPDATE ON TABLES TO "rademark_writer";
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT USAGE ON SEQUENCES TO "rademark_writer";
