-- What personas mean to say first, each in the room of its own with its person: reminders that were asked for, what
-- they ask after, good mornings.

alter table participants add column last_knock integer not null default 0;
alter table participants add column terms bytea;
comment on column participants.last_knock is 'the number of their newest knock; numbers are never used again';
comment on column participants.terms is 'sealed: when personas may write to them first, and how often a day';

alter table persona_rooms add column unprompted boolean not null default false;
comment on column persona_rooms.unprompted is 'the person has switched on that the persona writes first there';

create table knocks (
  owner_id uuid not null references participants (id),
  id uuid not null,
  room_id uuid not null,
  persona bytea not null,
  number integer not null,
  kind text not null,
  content bytea not null,
  due_at timestamptz not null,
  begun_at timestamptz,
  turn_id uuid,
  message_id uuid,
  fact_id uuid,
  cancelled boolean not null default false,
  primary key (owner_id, id),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade,
  foreign key (owner_id, turn_id) references turns (owner_id, id) on delete cascade,
  -- What it came from takes it along.
  foreign key (owner_id, message_id) references messages (owner_id, id) on delete cascade,
  foreign key (owner_id, fact_id) references facts (owner_id, id) on delete cascade,
  constraint knocks_number unique (owner_id, number),
  constraint knocks_kind check (kind in ('errand', 'follow-up', 'morning')),
  constraint knocks_begun check ((turn_id is null) = (begun_at is null))
);
comment on column knocks.persona is 'blind: HMAC of the persona''s id';
comment on column knocks.number is 'by which the person names it';
comment on column knocks.content is 'sealed: what it is about, and for when it was meant';
comment on column knocks.due_at is 'put off while it may not be said';
comment on column knocks.turn_id is 'the turn that says it: whoever writes this has it said once';
comment on column knocks.message_id is 'in which it was asked for';
comment on column knocks.fact_id is 'what is asked after';
comment on column knocks.cancelled is 'by the person: the words that asked for it do not ask again';

create index knocks_due on knocks (due_at) where turn_id is null and not cancelled;
create unique index knocks_turn on knocks (owner_id, turn_id) where turn_id is not null;
create unique index knocks_message on knocks (owner_id, message_id) where message_id is not null;
create unique index knocks_fact on knocks (owner_id, room_id, persona, fact_id) where fact_id is not null;
create index knocks_of_fact on knocks (owner_id, fact_id) where fact_id is not null;
create unique index knocks_one_morning on knocks (owner_id, room_id, persona) where kind = 'morning' and turn_id is null;
create index knocks_of_room on knocks (room_id, persona);

-- A reminder is asked for in words: with them it goes, and so it does where they are changed.
create function forget_knocks() returns trigger language plpgsql as $$
begin
  delete from knocks where owner_id = old.owner_id and message_id = old.id and (new.content is null or turn_id is null);
  return null;
end
$$;

create trigger messages_forget_knocks after update of content on messages
  for each row when (old.author = 'participant' and old.content is distinct from new.content)
  execute function forget_knocks();

-- A turn that answers nobody collects nothing: what is said while it waits has a turn of its own.
alter table turns drop constraint turns_kind;
alter table turns add constraint turns_kind check (kind in ('reply', 'greeting', 'unprompted'));
drop index turns_one_pending;
create unique index turns_one_pending on turns (owner_id, room_id, persona)
  where state = 'pending' and swipe = 0 and kind <> 'unprompted';
