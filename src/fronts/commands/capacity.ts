// sharewright capacity: what file systems and clusters hold, and how much of it limits have promised. Changes nothing.
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { capacityText } from "./capacity-view";
import { byPlaces, callOf, eachDesk, openConfig, stackNamed, worst } from "./site";

async function capacity(context: Context, flags: CommonFlags, directory?: string): Promise<Answer> {
  const config = await openConfig(context, stackNamed(flags, directory));
  const call = callOf(context, flags);
  const found = await eachDesk(context, config, async (desk) => ({ desk, ...(await desk.capacity(config, call)) }));
  const texts = found.flatMap(({ places }) =>
    places.map(({ view, text = "" }) => (view ? capacityText(context.terminal, view) : text)),
  );
  return {
    text: texts.join("\n\n"),
    document: await byPlaces(context, (name) =>
      found.filter(({ desk }) => desk.places === name).flatMap(({ places }) => places.map(({ document }) => document)),
    ),
    exitCode: worst(found),
  };
}

export default answering("capacity", capacity);
