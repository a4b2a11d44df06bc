/** @file A question whose answer is not shown. */

import { EXIT, UserError } from "./errors.ts";

const [CTRL_C, CTRL_D, BACKSPACE, DELETE] = ["\u0003", "\u0004", "\b", "\u007f"];

/** Null when stdin or stderr is not a terminal. @throws UserError at Ctrl-C. */
export async function askSecret(
  question: string,
  { stdin, stderr }: Pick<NodeJS.Process, "stdin" | "stderr"> = process,
): Promise<string | null> {
  if (!stdin.isTTY || !stderr.isTTY) return null;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  try {
    return await typedLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function typedLine(stdin: NodeJS.ReadStream): Promise<string> {
  let line = "";
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      stdin.off("data", listen);
      settle();
    };
    const listen = (typed: string) => {
      for (const character of typed) {
        if (character === CTRL_C)
          return end(() => reject(new UserError("interrupted", EXIT.interrupted)));
        if (["\r", "\n", CTRL_D].includes(character)) return end(() => resolve(line));
        line =
          character === BACKSPACE || character === DELETE
            ? [...line].slice(0, -1).join("")
            : line + character;
      }
    };
    stdin.on("data", listen);
    stdin.resume(); // a listener alone does not undo the pause after an earlier question
  });
}
