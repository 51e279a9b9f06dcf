-- title: Overview of a product
-- description: Events, users and what they do. Watch time is the sum of watch_time of video_heartbeat events.
SELECT
    count() AS events,
    uniqExact(app_id, user_id) AS users,
    sumIf(JSONExtractFloat(properties, 'watch_time'), event_name = 'video_heartbeat') AS watch_seconds,
    uniqExactIf(app_id, user_id, event_name = 'video_heartbeat') AS viewers,
    countIf(event_name = 'content_view') AS content_views,
    countIf(event_name = 'search') AS searches,
    countIf(event_name = 'video_buffering') AS bufferings,
    sumIf(JSONExtractFloat(properties, 'buffer_duration_ms'), event_name = 'video_buffering') AS buffering_ms,
    countIf(event_name = 'signup') AS signups
FROM ai_analytics_events
