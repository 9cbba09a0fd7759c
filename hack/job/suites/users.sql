CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO users (name) VALUES ('ada'), ('grace');
SELECT count(*) AS users FROM users;
