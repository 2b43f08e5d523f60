create type post_status as enum ('draft', 'published', 'archived');

create table posts (
  id           uuid        primary key default gen_random_uuid(),
  -- No "on delete cascade": deleting a user is up to auth, deleting posts is not.
  author_id    uuid        not null references users (id),
  title        text        not null,
  body         text        not null default '',
  status       post_status not null default 'draft',
  published_at timestamptz,
  tags         text[]      not null default '{}',
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),

  constraint posts_title_not_blank check (btrim(title) <> ''),
  -- An archived post may have been a draft until then, so only two of the three states
  -- say anything about the date.
  constraint posts_published_at_fits_status check (
    case status
      when 'draft' then published_at is null
      when 'published' then published_at is not null
      else true
    end
  ),
  constraint posts_tags_without_null check (array_position(tags, null) is null)
);

-- The foreign key alone has no index: deleting a user would read every post.
create index posts_author_id_idx on posts (author_id);

-- The front page: the newest published posts, without the drafts.
create index posts_newest_published_idx on posts (published_at desc) where status = 'published';

-- tags @> array['rust']
create index posts_tags_idx on posts using gin (tags);
