-- What people say of themselves in one room, for the personas that are there.

create table self_descriptions (
  owner_id uuid not null references participants (id),
  room_id uuid not null,
  content bytea not null,
  primary key (owner_id, room_id)
);
comment on column self_descriptions.content is 'sealed: in the person''s own words, with their key';
create index self_descriptions_room on self_descriptions (room_id);
