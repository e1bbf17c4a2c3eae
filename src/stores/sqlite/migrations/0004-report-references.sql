-- How a message is named in reports by the protocol that it came by: kept for what is reported after its end, and with each report.
ALTER TABLE finished ADD COLUMN report_reference TEXT;
ALTER TABLE report ADD COLUMN reference TEXT;
