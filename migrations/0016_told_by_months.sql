-- What happened in a month that is over, made of its episodes.

create table months (
  owner_id uuid not null,
  id uuid not null,
  room_id uuid not null,
  month text not null,
  made_of integer not null,
  from_position bigint not null,
  to_position bigint not null,
  content bytea not null,
  begun_at timestamptz not null,
  ended_at timestamptz not null,
  primary key (owner_id, id),
  constraint months_of_room unique (owner_id, room_id, month),
  foreign key (owner_id, room_id) references rooms (owner_id, id) on delete cascade
);
comment on column months.month is 'as 2026-03, in UTC; an episode belongs to the month in which it began';
comment on column months.made_of is 'of how many episodes: where there are more by now, it is made anew';
comment on column months.content is 'sealed: what happened in it';

-- It does not outlive any of its episodes.
create function forget_month() returns trigger language plpgsql as $$
begin
  delete from months
  where owner_id = old.owner_id and room_id = old.room_id
    and month = to_char(old.begun_at at time zone 'UTC', 'YYYY-MM');
  return null;
end
$$;
create trigger episodes_forget_month after delete on episodes
  for each row execute function forget_month();

-- What was said before has its months too.
update rooms set remember_at = coalesce(remember_at, now())
where exists (select 1 from episodes e where e.owner_id = rooms.owner_id and e.room_id = rooms.id);
