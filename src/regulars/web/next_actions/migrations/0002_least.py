from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("next_actions", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="contactrule",
            name="kind",
            field=models.CharField(
                max_length=10,
                choices=[(k, k) for k in ("total", "money", "action", "stock", "cost", "explore", "least")],
            ),
        ),
    ]
