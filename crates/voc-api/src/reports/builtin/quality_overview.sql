-- title: Overview of quality
-- description: Scores and defects by type of inspection, and inspections that failed.
SELECT
    inspection_type,
    countIf(event_type = 'INSPECTION_COMPLETED') AS completed,
    countIf(event_type = 'INSPECTION_FAILED') AS failed,
    uniqExactIf(batch_id, batch_id != '') AS batches,
    count(quality_score) AS scored,
    avg(quality_score) AS avg_quality_score,
    min(quality_score) AS min_quality_score,
    sum(length(defect_types)) AS defects,
    sum(arrayCount(severity -> severity = 'critical', defect_severities)) AS critical_defects
FROM quality_events
WHERE inspection_type != ''
GROUP BY inspection_type
ORDER BY inspection_type
