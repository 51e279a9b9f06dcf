-- title: Searches
-- description: What users search for, regardless of case: how often, how many users, and how often in vain.
-- parameter: limit integer 1..10000 = 100 -- The greatest number of rows.
SELECT
    lowerUTF8(trim(JSONExtractString(properties, 'query'))) AS query,
    count() AS searches,
    uniqExact(app_id, user_id) AS users,
    countIf(JSONExtract(properties, 'results', 'Nullable(Float64)') = 0) AS without_results,
    avg(JSONExtract(properties, 'results', 'Nullable(Float64)')) AS avg_results
FROM ai_analytics_events
WHERE event_name = 'search' AND JSONExtractString(properties, 'query') != ''
GROUP BY query
ORDER BY searches DESC, query
LIMIT :limit
