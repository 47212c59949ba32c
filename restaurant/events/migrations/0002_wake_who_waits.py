"""PostgreSQL tells who waits: one notification a statement, sent when its transaction commits."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION events_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify(TG_ARGV[0], ''); RETURN NULL; END $$;
CREATE TRIGGER event_written AFTER INSERT ON events_eventrecord
    FOR EACH STATEMENT EXECUTE FUNCTION events_wake('event_written');
CREATE TRIGGER event_numbered AFTER UPDATE OF position ON events_eventrecord
    FOR EACH STATEMENT EXECUTE FUNCTION events_wake('event_numbered');
"""
BACKWARD = """
DROP TRIGGER event_numbered ON events_eventrecord;
DROP TRIGGER event_written ON events_eventrecord;
DROP FUNCTION events_wake;
"""


def run(sql):
    def on_postgresql(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return on_postgresql


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [migrations.RunPython(run(FORWARD), run(BACKWARD))]
