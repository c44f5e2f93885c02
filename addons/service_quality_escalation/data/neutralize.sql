-- a copy of the database tells nobody of alarms
UPDATE service_quality_webhook SET active = false;
