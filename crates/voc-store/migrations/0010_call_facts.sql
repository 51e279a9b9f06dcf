-- What is known of a call beyond its sentiment and its best topic; quality of the line and tags of metrics by name.
--
-- Rows from before have NULL, empty lists and empty maps here. A replay (`voc-processor replay`) fills them, together
-- with the call_id, agent_id and customer_id that come from an event's metadata.
ALTER TABLE voc_events
    -- Promoted from the payload; an absent object is empty.
    ADD COLUMN IF NOT EXISTS call_quality Map(String, Float64) AFTER duration_ms,
    ADD COLUMN IF NOT EXISTS tags Map(String, String) AFTER value,

    -- What the annotator knows of the conversation. NULL without a transcript, and for what the transcript does not
    -- say, such as the agent's sentiment if no agent speaks. Words are those of customers, of agents and bots, and of
    -- speakers whose role is not known.
    ADD COLUMN IF NOT EXISTS turns Nullable(Int64) AFTER decided_by,
    ADD COLUMN IF NOT EXISTS customer_words Nullable(Int64) AFTER turns,
    ADD COLUMN IF NOT EXISTS agent_words Nullable(Int64) AFTER customer_words,
    ADD COLUMN IF NOT EXISTS other_words Nullable(Int64) AFTER agent_words,
    ADD COLUMN IF NOT EXISTS longest_monologue_words Nullable(Int64) AFTER other_words,
    ADD COLUMN IF NOT EXISTS customer_sentiment Nullable(Float32) AFTER longest_monologue_words,
    ADD COLUMN IF NOT EXISTS agent_sentiment Nullable(Float32) AFTER customer_sentiment,
    ADD COLUMN IF NOT EXISTS first_quarter_sentiment Nullable(Float32) AFTER agent_sentiment,
    ADD COLUMN IF NOT EXISTS last_quarter_sentiment Nullable(Float32) AFTER first_quarter_sentiment,
    ADD COLUMN IF NOT EXISTS sentiment_change Nullable(Float32) AFTER last_quarter_sentiment,
    ADD COLUMN IF NOT EXISTS worst_turn_sentiment Nullable(Float32) AFTER sentiment_change,
    -- Parallel: each topic with its score and the sentiment towards it, the best first.
    ADD COLUMN IF NOT EXISTS topics Array(String) AFTER worst_turn_sentiment,
    ADD COLUMN IF NOT EXISTS topic_scores Array(Float32) AFTER topics,
    ADD COLUMN IF NOT EXISTS topic_sentiments Array(Nullable(Float32)) AFTER topic_scores,
    -- Entries of the annotator's lists of phrases, not quotations.
    ADD COLUMN IF NOT EXISTS escalation_phrases Array(String) AFTER topic_sentiments,
    ADD COLUMN IF NOT EXISTS churn_phrases Array(String) AFTER escalation_phrases;

-- Queries ask for what belongs to one call or one customer, which the sorting key does not help to find. An agent has
-- rows nearly everywhere, so an index of agents would exclude little. The parts that exist get the indexes when they
-- are merged: writing them at once would rewrite every part.
ALTER TABLE voc_events
    ADD INDEX IF NOT EXISTS idx_call_id call_id TYPE bloom_filter GRANULARITY 1,
    ADD INDEX IF NOT EXISTS idx_customer_id customer_id TYPE bloom_filter GRANULARITY 1;
