-- Whether a fact was pinned at some moment is asked of each fact with every context; only pins in force had an index.
CREATE INDEX pins_by_fact ON pins (fact_id);
