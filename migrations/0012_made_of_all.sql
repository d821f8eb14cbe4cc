-- A fact is made of all its sources together: where one of them goes, the fact goes, and is made anew of the
-- others, since its words may be those of the one that is gone. What it had taken the place of is true again,
-- unless a still later one says otherwise.
create or replace function forget_derived() returns trigger language plpgsql as $$
begin
  with gone as (
    delete from facts f using fact_sources s
    where s.message_owner_id = old.owner_id and s.message_id = old.id
      and f.owner_id = s.owner_id and f.id = s.fact_id
    returning f.owner_id, f.id, f.superseded_by
  ), restored as (
    update facts f set superseded_by = gone.superseded_by from gone
    where f.owner_id = gone.owner_id and f.superseded_by = gone.id and f.id not in (select id from gone)
  ), others as (
    update messages m set remember = true from gone, fact_sources s
    where s.owner_id = gone.owner_id and s.fact_id = gone.id
      and m.owner_id = s.message_owner_id and m.id = s.message_id and m.id <> old.id
      and m.author = 'participant' and m.content is not null and not m.remember
  )
  update participants p set facts_version = facts_version + 1
  where p.id in (select owner_id from gone);
  delete from episodes
  where owner_id = old.owner_id and room_id = old.room_id and old.position between from_position and to_position;
  delete from summaries where owner_id = old.owner_id and room_id = old.room_id and to_position >= old.position;
  update rooms set remember_at = least(remember_at, now())
  where owner_id = old.owner_id and id = old.room_id;
  return null;
end
$$;
