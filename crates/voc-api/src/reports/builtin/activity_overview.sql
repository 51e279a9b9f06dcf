-- title: Overview of activity
-- description: Events, users and sessions of each day in the range's time zone.
SELECT
    toString(toDate(timestamp, :timezone)) AS day,
    count() AS events,
    uniqExactIf(user_id, user_id != '') AS users,
    uniqExactIf(session_id, session_id != '') AS sessions,
    countIf(event_type = 'page_view') AS page_views,
    countIf(event_type = 'login') AS logins,
    avg(processing_ms) AS avg_processing_ms
FROM user_activity_events
GROUP BY day
ORDER BY day
