CREATE TABLE orders (id serial PRIMARY KEY, amount numeric CHECK (amount > 0));
INSERT INTO orders (amount) SELECT n FROM generate_series(1, 1000) AS n;
SELECT sum(amount) AS amount FROM orders;
