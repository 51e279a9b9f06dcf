-- What the times of a call's turns reveal: who talks how long, silence, interruptions, and how fast agents answer.
--
-- NULL without a transcript, for a transcript without times, and in rows from before. A replay fills them
-- (`voc-processor replay`) where the event has times.
--
-- works with: 10
ALTER TABLE voc_events
    -- How long agents and bots, customers, and speakers whose role is not known talk, in milliseconds. Where two of
    -- them talk at once, the time counts once.
    ADD COLUMN IF NOT EXISTS agent_talk_ms Nullable(Int64) AFTER longest_monologue_words,
    ADD COLUMN IF NOT EXISTS customer_talk_ms Nullable(Int64) AFTER agent_talk_ms,
    ADD COLUMN IF NOT EXISTS other_talk_ms Nullable(Int64) AFTER customer_talk_ms,
    -- How long nobody talks, from the start of the first turn to the end of the last.
    ADD COLUMN IF NOT EXISTS non_talk_ms Nullable(Int64) AFTER other_talk_ms,
    -- How often an agent, and how often a customer, begins while another speaker is talking.
    ADD COLUMN IF NOT EXISTS agent_interruptions Nullable(Int64) AFTER non_talk_ms,
    ADD COLUMN IF NOT EXISTS customer_interruptions Nullable(Int64) AFTER agent_interruptions,
    -- The mean time from the end of what the customer says to the agent's next turn; NULL if no agent answers.
    ADD COLUMN IF NOT EXISTS response_ms Nullable(Int64) AFTER customer_interruptions;
