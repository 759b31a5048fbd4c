from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="personscore",
            index=models.Index(fields=["activity", "-churn"], name="score_activity_churn"),
        ),
        migrations.AddIndex(
            model_name="personscore",
            index=models.Index(fields=["segment", "-churn"], name="score_segment_churn"),
        ),
    ]
