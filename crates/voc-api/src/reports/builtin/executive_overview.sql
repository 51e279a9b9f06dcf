-- title: Overview for executives
-- description: Calls, sentiment, actions and tools of the range next to those of the period before.
-- period: previous
SELECT
    if(ts >= :from, 'current', 'previous') AS period,
    uniqExactIf(tenant_id, call_id, event_type = 'call') AS calls,
    uniqExactIf(tenant_id, customer_id, event_type = 'call' AND customer_id != '') AS customers,
    avgOrNullIf(sentiment, event_type = 'call') AS avg_sentiment,
    uniqExactIf(tenant_id, call_id, event_type = 'call' AND sentiment < -0.2) AS unhappy_calls,
    avgOrNullIf(duration_ms, event_type = 'call') AS avg_duration_ms,
    countIf(action IN ('transfer', 'transfer_call')) AS transfers,
    countIf(action IN ('escalate', 'escalation')) AS escalations,
    countIf(event_type = 'tool_invocation') AS tool_invocations,
    avgOrNullIf(toUInt8(success), event_type = 'tool_invocation') AS tool_success_rate
FROM voc_events
GROUP BY period
ORDER BY period
