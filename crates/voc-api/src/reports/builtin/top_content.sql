-- title: Top content
-- description: What is watched most: the sum of watch_time of video_heartbeat events, viewers and views.
-- parameter: limit integer 1..10000 = 100 -- The greatest number of rows.
SELECT
    JSONExtractString(properties, 'content_id') AS content_id,
    sumIf(JSONExtractFloat(properties, 'watch_time'), event_name = 'video_heartbeat') AS watch_seconds,
    uniqExactIf(app_id, user_id, event_name = 'video_heartbeat') AS viewers,
    countIf(event_name = 'content_view') AS views
FROM ai_analytics_events
WHERE event_name IN ('video_heartbeat', 'content_view') AND JSONExtractString(properties, 'content_id') != ''
GROUP BY content_id
ORDER BY watch_seconds DESC, views DESC, content_id
LIMIT :limit
