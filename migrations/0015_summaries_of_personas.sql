-- Each persona is shown a room from a place of its own, and is told what came before that.

delete from summaries;
alter table summaries drop constraint summaries_pkey;
alter table summaries add column persona bytea not null;
alter table summaries add primary key (owner_id, room_id, persona);
comment on column summaries.persona is 'HMAC of the persona''s name';

-- Those that there were are made anew.
update rooms set remember_at = coalesce(remember_at, now())
where exists (
  select 1 from persona_rooms p
  where p.owner_id = rooms.owner_id and p.room_id = rooms.id and p.history_from > 1);
