import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { askSecret } from "../../harness/secret-question.ts";

/** A terminal on which somebody types. */
function aTerminal({ isTTY = true } = {}) {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode: (raw: boolean) => void modes.push(raw),
  });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const process = { stdin, stderr } as unknown as Pick<NodeJS.Process, "stdin" | "stderr">;
  const ask = (typed: string) => {
    const answer = askSecret("Passphrase: ", process);
    stdin.write(typed);
    return answer;
  };
  const shown = () => (stderr.read() as Buffer | null)?.toString();
  return { ask, shown, modes };
}

test("a secret is read without echo, backspace and all, and a second one after it", async () => {
  const { ask, shown, modes } = aTerminal();
  expect(await ask("sex\u007fcret\r")).toBe("secret");
  expect(await ask("again\n")).toBe("again");
  expect(shown()).toBe("Passphrase: \nPassphrase: \n");
  expect(modes).toEqual([true, false, true, false]);
});

test("Ctrl-C gives the terminal back and ends as an interruption does", async () => {
  const { ask, modes } = aTerminal();
  await expect(ask("sec\u0003")).rejects.toMatchObject({ exitCode: 130 });
  expect(modes).toEqual([true, false]);
});

test("without a terminal nobody is asked", async () => {
  const { ask, shown } = aTerminal({ isTTY: false });
  expect(await ask("secret\r")).toBeNull();
  expect(shown()).toBeUndefined();
});
