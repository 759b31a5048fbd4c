import django.db.models.deletion
from django.db import migrations, models

TRIGGERS = (
    """CREATE VIRTUAL TABLE search_words USING fts5(
        tokens, content='search_subject', content_rowid='id', detail=none, columnsize=0,
        tokenize='unicode61 remove_diacritics 0')""",
    """CREATE TRIGGER search_subject_in AFTER INSERT ON search_subject BEGIN
        INSERT INTO search_words(rowid, tokens) VALUES (new.id, new.tokens); END""",
    """CREATE TRIGGER search_subject_out AFTER DELETE ON search_subject BEGIN
        INSERT INTO search_words(search_words, rowid, tokens) VALUES ('delete', old.id, old.tokens); END""",
    """CREATE TRIGGER search_subject_change AFTER UPDATE OF tokens ON search_subject BEGIN
        INSERT INTO search_words(search_words, rowid, tokens) VALUES ('delete', old.id, old.tokens);
        INSERT INTO search_words(rowid, tokens) VALUES (new.id, new.tokens); END""",
)


def words(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in TRIGGERS:
            schema_editor.execute(statement)


def no_words(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("in", "out", "change"):
            schema_editor.execute(f"DROP TRIGGER search_subject_{name}")
        schema_editor.execute("DROP TABLE search_words")


class Migration(migrations.Migration):
    initial = True

    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Subject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(db_index=True, help_text="folded, for exact and first-letters matches", max_length=200)),
                ("tokens", models.TextField(help_text="characters, pairs of characters and words, with spaces between")),
                ("company", models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.company")),
                ("person", models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person")),
            ],
        ),
        migrations.RunPython(words, no_words),
    ]
