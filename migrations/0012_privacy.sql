-- Somebody who is erased takes all their words along at once, years of them.

-- What belongs to a turn, or to a person, is found by it; before, each of them meant reading the whole table.
drop index messages_swipes;
create unique index messages_swipes on messages (owner_id, turn_id, swipe) where turn_id is not null;
drop index messages_of_participant;
create index messages_of_participant on messages (participant_id, id) where participant_id is not null;

-- Of all messages that go in one statement together: one by one, the same row of `rooms` was written as often.
drop trigger messages_end_recall on messages;
create or replace function end_recall() returns trigger language plpgsql as $$
begin
  update rooms set recall_version = recall_version + 1, recall_floor = recall_version + 1
  where (owner_id, id) in (select owner_id, room_id from gone);
  return null;
end
$$;

create trigger messages_end_recall after delete on messages
  referencing old table as gone for each statement
  execute function end_recall();

drop trigger messages_forget_derived_of_deleted on messages;
create function forget_derived_of_deleted() returns trigger language plpgsql as $$
begin
  with recursive said as materialized (
    select owner_id, id, room_id, position from gone where content is not null
  ), lost as (
    delete from facts f using fact_sources s, said
    where s.message_owner_id = said.owner_id and s.message_id = said.id
      and f.owner_id = s.owner_id and f.id = s.fact_id
    returning f.owner_id, f.id, f.superseded_by
  ), heirs (owner_id, id, superseded_by) as (
    select owner_id, id, superseded_by from lost
    union all
    select heirs.owner_id, heirs.id, lost.superseded_by
    from heirs join lost on lost.owner_id = heirs.owner_id and lost.id = heirs.superseded_by
  ), restored as (
    update facts f set superseded_by = heirs.superseded_by from heirs
    where f.owner_id = heirs.owner_id and f.superseded_by = heirs.id and f.id not in (select id from lost)
      and (heirs.superseded_by is null or heirs.superseded_by not in (select id from lost))
  ), others as (
    update messages m set remember = true from lost, fact_sources s
    where s.owner_id = lost.owner_id and s.fact_id = lost.id
      and m.owner_id = s.message_owner_id and m.id = s.message_id
      and m.author = 'participant' and m.content is not null and not m.remember
  ), ended as (
    delete from episodes e using said
    where e.owner_id = said.owner_id and e.room_id = said.room_id
      and said.position between e.from_position and e.to_position
  ), shortened as (
    delete from summaries s using (
      select owner_id, room_id, min(position) as position from said group by owner_id, room_id
    ) earliest
    where s.owner_id = earliest.owner_id and s.room_id = earliest.room_id and s.to_position >= earliest.position
  ), due as (
    update rooms set remember_at = least(remember_at, now())
    where (owner_id, id) in (select owner_id, room_id from said)
  )
  update participants set facts_version = facts_version + 1 where id in (select owner_id from lost);
  return null;
end
$$;

create trigger messages_forget_derived_of_deleted after delete on messages
  referencing old table as gone for each statement
  execute function forget_derived_of_deleted();
