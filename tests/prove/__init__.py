"""`bin/prove`: what must never happen, tried under load and faults on a real installation.

A proof is a module in `tests/prove/proofs/`; its file name is its name. It has

- `CLAIM`: one line that says what must be shown,
- `DATABASES` (optional): the kinds it runs on, both by default,
- `run(options: Options) -> Outcome`.

`outcome.py` has Options, Figure, Outcome and the bounds (`at_most`, `at_least`, `exactly`).
A figure without a required bound is only shown. When `options.seconds` ended the run before the
size that the claim needs, pass `short="..."`: the figure is shown and not judged.

`installation.py` has `Installation`, a context: a fresh database, Redis, a mail server and the
real commands as processes on loopback. All of it ends with the block, on Ctrl-C, and with us.

    with Installation(options, web=2, workers=1) as site:
        cast = community.seed(site.app, candidates=50, now=clock.now())
        site.web.kill_one(chance)      # `kill -9` of a web process, by a random.Random
        site.web.stop(); site.serve()  # SIGTERM and to the end; start and wait for an answer
        site.workers[0].kill()         # `kill -9` with all it started; .start() again
        site.start("w2", "worker")     # one more process that runs `mockint worker`
        site.redis.kill()              # a Server: start, stop, kill; the address stays
        site.postgres                  # a Server with own_postgres=True; not where it was given
        site.sink.listen(Faults(busy=5))  # the mail server again, failing
        site.sink.deliveries()         # what came to it
        site.violations("I1", "I4")    # sentences of `mockint verify`
        site.run("migrate")            # any command, to its end

`community.py` fills the database (`seed`): members with a cookie and a form token that are
signed in. `client.py` is their HTTP client, standard library only. `crowd.py` starts client
processes (`python -m MODULE`) that begin at once and write JSON lines; `volley.py` sends many
requests at the same moment from one thread; `history.py` checks what clients saw; `floors.py`
serves what is in `bench/` beside us. `steady.py` has a steady load, every page, and what must be
true after a fault; `reminders.py` how late reminders came. `measure.py` has CPU seconds of process
trees, percentiles and the calibration that the runner prints before and after each proof. Ratios
within one run decide.
"""
