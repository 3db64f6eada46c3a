"""Which events people with a scope were given, and who may archive events."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schedule', '0001_running_orders'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='event',
            options={'ordering': ['-date', '-pk'], 'permissions': [('archive_event', 'Can archive and un-archive events')]},
        ),
        migrations.CreateModel(
            name='EventAccess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='access', to='schedule.event')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='event_access', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name_plural': 'event access',
                'ordering': ['event', 'user'],
                'constraints': [models.UniqueConstraint(fields=('user', 'event'), name='event_is_given_to_somebody_only_once', violation_error_message='She was given this event already.')],
            },
        ),
    ]
