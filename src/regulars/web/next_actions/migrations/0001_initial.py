from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ContactRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("total", "total"),
                            ("money", "money"),
                            ("action", "action"),
                            ("stock", "stock"),
                            ("cost", "cost"),
                            ("explore", "explore"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=40)),
                ("amount", models.FloatField(help_text="people, units, minor units, or a share from 0 to 1")),
                ("changed_by", models.CharField(max_length=150)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="contactrule",
            constraint=models.UniqueConstraint(fields=("kind", "name"), name="contact_rule_once"),
        ),
    ]
