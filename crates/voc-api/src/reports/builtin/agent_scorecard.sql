-- title: Scorecard of agents
-- description: Calls of each agent with sentiment and duration, and the agent's transfers and escalations.
-- parameter: min_calls integer 0..1000000 = 1 -- Only agents with at least this many calls.
-- parameter: limit integer 1..10000 = 100 -- The greatest number of rows.
SELECT
    agent_id,
    uniqExactIf(tenant_id, call_id, event_type = 'call') AS calls,
    avgOrNullIf(sentiment, event_type = 'call') AS avg_sentiment,
    avgOrNullIf(customer_sentiment, event_type = 'call') AS avg_customer_sentiment,
    avgOrNullIf(sentiment_change, event_type = 'call') AS avg_sentiment_change,
    avgOrNullIf(duration_ms, event_type = 'call') AS avg_duration_ms,
    countIf(action IN ('transfer', 'transfer_call')) AS transfers,
    countIf(action IN ('escalate', 'escalation')) AS escalations,
    uniqExactIf(tenant_id, call_id, notEmpty(escalation_phrases)) AS calls_with_escalation_phrases
FROM voc_events
WHERE agent_id != ''
GROUP BY agent_id
HAVING calls >= :min_calls
ORDER BY calls DESC, agent_id
LIMIT :limit
