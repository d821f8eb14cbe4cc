-- Replies of before it was written down by which memories they go: which those are stands sealed with each, and is
-- opened when somebody has something forgotten. All of them are older than `made`, which a model's reply has since.

create index messages_earlier_replies on messages (owner_id, id) where recalled is not null and made is null;
