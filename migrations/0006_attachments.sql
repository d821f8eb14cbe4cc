-- Images and voice messages, which go with the message that they came with.

create table attachments (
  owner_id uuid not null,
  message_id uuid not null,
  number integer not null,
  kind text not null,
  content bytea not null,
  primary key (owner_id, message_id, number),
  foreign key (owner_id, message_id) references messages (owner_id, id) on delete cascade,
  constraint attachments_kind check (kind in ('image', 'voice'))
);
comment on column attachments.number is 'counts the attachments of one message, from 0';
comment on column attachments.content is 'sealed: the bytes, whose first ones tell the media type';
