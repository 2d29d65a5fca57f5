set -u

usage() {
  cat <<'END_OF_USAGE'
usage: bash FILE [--yes] [--skip] [--subject=NAME] [--only=STANDARD]...

{{Without --yes the commands are shown and nothing is done.}}
  --yes             {{do it, with the credentials of the environment}}
  --skip            {{go on where a value has to be filled in, without that step}}
  --subject=NAME    {{only what is to be done about this one}}
  --only=STANDARD   {{only what is to be done for this standard, such as scs-0103}}

{{Exit code: 0 all is done, or was before; 1 a command failed; 2 wrong usage; 3 a value has to be filled in.}}
END_OF_USAGE
}

yes=no skip=no subject='' only=' '
for argument in "$@"; do
  case $argument in
    --yes) yes=yes ;;
    --skip) skip=yes ;;
    --subject=?*) subject=${argument#--subject=} ;;
    --only=?*) only="$only${argument#--only=} " ;;
    -h | --help) usage && exit 0 ;;
    *)
      printf '{{unknown argument: %q}}\n' "$argument" >&2
      usage >&2
      exit 2
      ;;
  esac
done

active=no chosen=no told=' ' shown=0 finished=0 known=0 failed=0 unfilled=0

# {{several NAME...: one environment cannot have the credentials for all of them.}}
several() {
  if [ "$yes" = yes ] && [ -z "$subject" ]; then
    printf '{{stopped: this is about several: %s; choose one with --subject=NAME}}\n' "$*" >&2
    exit 2
  fi
}

# {{about SUBJECT STANDARD NAME: what the commands below it are for.}}
about() {
  active=yes
  if [ -n "$subject" ] && [ "$subject" != "$1" ]; then active=no; fi
  case $only in ' ' | *" $2 "*) ;; *) active=no ;; esac
  if [ "$active" = no ]; then return; fi
  chosen=yes
  printf '\n== %s: %s %s ==\n' "$1" "$2" "$3"
}

# {{program NAME [VARIABLE...]: what the commands below it are run with.}}
program() {
  local name=$1 variable
  shift
  if [ "$active" = no ] || [ "$yes" = no ]; then return; fi
  if ! command -v "$name" >/dev/null; then
    printf '{{stopped: there is no program %s here; install it, or set PATH}}\n' "$name" >&2
    exit 2
  fi
  case $told in *" $name "*) return ;; esac
  told="$told$name "
  for variable in "$@"; do printf '%s=%s\n' "$variable" "${!variable-{{(not set)}}}"; done
}

# {{run COMMAND...: what is there already is no failure.}}
run() { attempt exists last "$@"; }

# {{run_then COMMAND... && NEXT: where it is there already, NEXT is left to you.}}
run_then() { attempt exists first "$@"; }

# {{absent OLD COMMAND... && NEXT: no NEXT where COMMAND lists anything but OLD; it would be there twice.}}
absent() {
  local old=$1 output word
  shift
  if [ "$active" = no ]; then return 1; fi
  if [ "$yes" = no ]; then return 0; fi
  for word in "$@"; do
    case $word in *"$mark"*) return 0 ;; esac
  done
  if ! output=$("$@" </dev/null); then
    failed=$((failed + 1))
    printf '  {{FAILED, line %s}}: %s\n' "${BASH_LINENO[0]}" "$*" >&2
    return 1
  fi
  while read -r word; do
    if [ -n "$word" ] && [ "$word" != "$old" ]; then
      known=$((known + 1))
      printf '{{= line %s: there already, and left as it is: %q}}\n' "${BASH_LINENO[0]}" "$word"
      return 1
    fi
  done <<<"$output"
}

# {{unlike LINES COMMAND... && NEXT: no NEXT where COMMAND says these lines; it was made anew before.}}
unlike() {
  local lines=$1 output
  shift
  if [ "$active" = no ]; then return 1; fi
  if [ "$yes" = no ]; then return 0; fi
  if output=$("$@" 2>/dev/null </dev/null) && [ "$output" = "$lines" ]; then
    known=$((known + 1))
    printf '{{= line %s: as it should be already: %s}}\n' "${BASH_LINENO[0]}" "$*"
    return 1
  fi
}

# {{remove COMMAND... [&& NEXT]: what is gone already is no failure.}}
remove() { attempt gone last "$@"; }

attempt() {
  local harmless=$1 place=$2 output line word
  shift 2
  if [ "$active" = no ]; then return 1; fi
  printf -v line '%q ' "$@"
  for word in "$@"; do
    case $word in
      *"$mark"*)
        unfilled=$((unfilled + 1))
        printf '{{? line %s, to be filled in: %s}}\n' "${BASH_LINENO[1]}" "$line"
        if [ "$yes" = no ] || [ "$skip" = yes ]; then return 1; fi
        printf '{{stopped at line %s: write what it should be instead of %s..., and start again;}}\n' \
          "${BASH_LINENO[1]}" "$mark" >&2
        printf '{{what is done already does no harm. With --skip it goes on without such steps.}}\n' >&2
        finish 3
        ;;
    esac
  done
  printf '+ %s\n' "$line"
  shown=$((shown + 1))
  if [ "$yes" = no ]; then return 0; fi
  if output=$("$@" 2>&1 </dev/null); then
    finished=$((finished + 1))
    return 0
  fi
  case $harmless:$output in
    exists:*[Aa]"lready exist"* | exists:*AlreadyExists*)
      known=$((known + 1))
      if [ "$place" = last ]; then
        printf '  {{there already}}\n'
        return 0
      fi
      printf '  {{there already, so what follows it is left to you: look whether it is the right one}}\n'
      return 1
      ;;
    gone:*"(NotFound)"* | gone:*"HTTP 404"* | gone:*"404: Client Error"* | gone:*"could not be found"* | \
      gone:*"No "*" found for "* | gone:*"with a name or ID of"* | gone:*"nonexistent property"*)
      known=$((known + 1))
      printf '  {{gone already}}\n'
      return 0
      ;;
  esac
  failed=$((failed + 1))
  printf '  {{FAILED, line %s}}:\n%s\n' "${BASH_LINENO[1]}" "$output" >&2
  return 1
}

# {{finish [CODE]: the numbers, and the exit code that they mean.}}
finish() {
  local code=${1-0}
  if [ "$chosen" = no ] && [ "$subject$only" != ' ' ]; then
    printf '{{there is nothing to be done for what --subject and --only choose}}\n' >&2
    exit 2
  fi
  if [ "$failed" -gt 0 ]; then code=1; elif [ "$unfilled" -gt 0 ] && [ "$yes" = yes ]; then code=3; fi
  printf '\n'
  if [ "$yes" = no ]; then
    printf '{{%s commands, %s more to be filled in; nothing was done: --yes does it}}\n' "$shown" "$unfilled"
  else
    printf '{{%s done, %s there or gone already, %s failed, %s to be filled in}}\n' \
      "$finished" "$known" "$failed" "$unfilled"
  fi
  exit "$code"
}
