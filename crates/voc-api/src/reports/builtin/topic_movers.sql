-- title: Topics that move
-- description: Topics by the change of the number of their events from the period before, the greatest first.
-- period: previous
-- parameter: limit integer 1..10000 = 20 -- The greatest number of rows.
SELECT
    assumeNotNull(topic) AS topic_name,
    countIf(ts >= :from) AS events,
    countIf(ts < :from) AS previous_events,
    toInt64(events) - toInt64(previous_events) AS change_events,
    avgOrNullIf(sentiment, ts >= :from) AS avg_sentiment,
    avgOrNullIf(sentiment, ts < :from) AS previous_avg_sentiment,
    avg_sentiment - previous_avg_sentiment AS change_avg_sentiment
FROM voc_events
WHERE topic IS NOT NULL
GROUP BY topic_name
ORDER BY abs(change_events) DESC, events DESC, topic_name
LIMIT :limit
