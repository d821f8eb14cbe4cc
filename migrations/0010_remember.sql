-- What is made of what was said: facts, episodes, summaries. None of it outlives the words that it came from.

alter table messages add column remember boolean not null default false;
comment on column messages.remember is 'nothing was made of it yet';
create index messages_remember on messages (owner_id, room_id, position) where remember;

alter table rooms add column remember_at timestamptz;
alter table rooms add column remember_lease timestamptz;
alter table rooms add column remember_failures integer not null default 0;
comment on column rooms.remember_at is 'when something is to be made of what was said there; null while there is nothing to do';
comment on column rooms.remember_lease is 'until when a worker has it, or nobody tries again';
create index rooms_remember on rooms (remember_at) where remember_at is not null;

alter table participants add column remembering boolean not null default true;
alter table participants add column facts_version bigint not null default 0;
alter table participants add column last_fact integer not null default 0;
comment on column participants.facts_version is 'how often their facts have changed';
comment on column participants.last_fact is 'the number of their newest fact; numbers are never used again';

create table facts (
  owner_id uuid not null references participants (id),
  id uuid not null,
  number integer not null,
  content bytea not null,
  pinned boolean not null default false,
  superseded_by uuid,
  created_at timestamptz not null default now(),
  primary key (owner_id, id),
  constraint facts_number unique (owner_id, number)
);
comment on column facts.content is 'sealed: the statement, with what is known of it';

create table fact_sources (
  owner_id uuid not null,
  fact_id uuid not null,
  message_owner_id uuid not null,
  message_id uuid not null,
  primary key (owner_id, fact_id, message_owner_id, message_id),
  foreign key (owner_id, fact_id) references facts (owner_id, id) on delete cascade
);
create index fact_sources_message on fact_sources (message_owner_id, message_id);

create table episodes (
  owner_id uuid not null,
  id uuid not null,
  room_id uuid not null,
  from_position bigint not null,
  to_position bigint not null,
  content bytea not null,
  begun_at timestamptz not null,
  ended_at timestamptz not null,
  primary key (owner_id, id),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade
);
comment on column episodes.content is 'sealed: what happened in this stretch of talk';
create index episodes_of_room on episodes (owner_id, room_id, from_position);

create table summaries (
  owner_id uuid not null,
  room_id uuid not null,
  to_position bigint not null,
  content bytea not null,
  primary key (owner_id, room_id),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade
);
comment on column summaries.content is 'sealed: what came before the messages that a persona is still shown';

-- Whatever changes or takes away what was said, at whoever's wish and by whichever statement, takes with it all
-- that was made of it. Their rooms are remembered anew where that leaves something to do.
-- A fact is made of all its sources together: where one of them goes, the fact goes, and is made anew of the
-- others, since its words may be those of the one that is gone. What it had taken the place of is true again,
-- unless a still later one says otherwise.
create function forget_derived() returns trigger language plpgsql as $$
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

create trigger messages_forget_derived after update of content, chosen on messages
  for each row when (old.content is not null and (old.content is distinct from new.content or (old.chosen and not new.chosen)))
  execute function forget_derived();

create trigger messages_forget_derived_of_deleted after delete on messages
  for each row when (old.content is not null)
  execute function forget_derived();

-- What was said before is remembered too.
update messages set remember = true where author = 'participant' and content is not null;
update rooms set remember_at = now()
where exists (select 1 from messages m where m.owner_id = rooms.owner_id and m.room_id = rooms.id and m.remember);
