from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_versions_quotas_limits")]
    operations = [
        migrations.CreateModel(
            name="Aim",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("objective", models.CharField(default="contribution", max_length=20)),
                (
                    "cautious",
                    models.BooleanField(
                        default=False, help_text="the mean of the worst fifth of what is plausible counts"
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.CharField(max_length=150)),
            ],
        ),
    ]
