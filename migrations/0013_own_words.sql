-- What somebody has said themself, wherever that was: what they want forgotten is looked for in it.
create index messages_of_participant on messages (participant_id, id) where content is not null;
