# What lab.sh builds on: steps that tell their time, work that is done once, daemons that are known by their pid. Bash, sourced.
# shellcheck shell=bash

fail() {
  echo "$*" >&2
  exit 1
}

# Says what begins, with the seconds since the start.
step() {
  CURRENT_STEP=$*
  printf '[%4ds] %s\n' "$SECONDS" "$*" >&2
}

told_failure() {
  [ "$1" = 0 ] || echo "The lab did not come up, at the step \"$CURRENT_STEP\"; the logs are in $LOG. What runs is kept for the next \`up\`; \`down\` stops it." >&2
}

# NAME COMMAND…: what has succeeded once is not done again. Its output is a log of its own.
once() {
  local name=$1 mark=$STATE/done-$1
  shift
  [ ! -e "$mark" ] || return 0
  # A trap instead of `||`: bash forgets `set -e` in what stands before one.
  (
    trap 'tell_log "$name" $?' EXIT
    "$@" >"$LOG/$name.log" 2>&1
  )
  touch "$mark"
}

# NAME STATUS
tell_log() {
  [ "$2" != 0 ] || return 0
  tail -n 20 "$LOG/$1.log" >&2
  echo "$1 failed: all of it is in $LOG/$1.log" >&2
}

# A process is its pid and the time at which it started: a pid alone may be somebody else's by now.
identity_of() { # PID
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # Behind the command in brackets, which may hold blanks, the start time is the 20th.
  echo "$1 $(echo "${stat##*) }" | cut -d' ' -f20)"
}

runs() { # NAME
  local pid
  pid=$(cut -d' ' -f1 "$RUN/$1.pid" 2>/dev/null) && [ "$(identity_of "$pid")" = "$(cat "$RUN/$1.pid")" ]
}

# NAME COMMAND…: starts a daemon that leads a process group of its own, unless it runs.
daemon() {
  local name=$1
  shift
  if runs "$name"; then return; fi
  setsid "$@" </dev/null >>"$LOG/$name.log" 2>&1 &
  identity_of $! >"$RUN/$name.pid"
}

# All at once, each with its process group. What does not listen within ten seconds is killed.
stop_all() {
  local file pid pids=()
  for file in "$RUN"/*.pid; do
    if runs "$(basename "$file" .pid)"; then pids+=("$(cut -d' ' -f1 "$file")"); fi
  done
  for pid in "${pids[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    within 10 group_is_gone "$pid" || kill -KILL -- "-$pid" 2>/dev/null || true
  done
  rm -f "$RUN"/*.pid
}

group_is_gone() { # PID
  ! kill -0 -- "-$1" 2>/dev/null
}

# SECONDS COMMAND…: asks again until it succeeds.
within() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $until ] || return 1
    sleep 0.3
  done
}

listens() { # PORT
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# NAME PORT
wait_for_port() {
  within 120 listens "$2" || fail "$1 does not listen on port $2: $LOG/$1.log says why"
}
